export default { optimizeDeps: { exclude: ["@polypool/pool"] } };
