exports.square = function square(n) {
  return n * n;
};

exports.fail = function fail() {
  throw Object.assign(new TypeError("the failure"), { code: "E_TASK" });
};
