// What a process costs that does nothing.
console.log(2);
