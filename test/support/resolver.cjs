/** Lets Jest, which requires modules, find those of packages that name a file for `import` only. */
const IMPORT_ONLY = /^@?kubernetes-models(\/|$)/;

module.exports = (request, options) =>
  options.defaultResolver(
    request,
    IMPORT_ONLY.test(request) ? { ...options, conditions: [...options.conditions, "import"] } : options,
  );
