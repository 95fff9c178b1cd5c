import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import { architecture } from "./tools/lint/architecture.mts";

const wholeProvider = {
  regex: "^@cdktf/provider-[a-z]+(/lib)?(/index)?$",
  message:
    "A whole provider package costs seconds and a gigabyte: import the resource's own path, @cdktf/provider-aws/lib/vpc.",
};

const bareConnections = {
  name: "pg",
  importNames: ["Client", "Pool"],
  allowTypeImports: true,
  message: "These wait for ever for a server that is gone: use DatabaseClient and createPool of kit/database.",
};

/** One way to write what the language has two ways for. */
const dialect = [
  {
    selector: "PrivateIdentifier",
    message: "A private member is declared with `private`, as constructor parameters are.",
  },
  {
    selector: ":matches(ImportSpecifier[importKind='type'], ExportSpecifier[exportKind='type'])",
    message: "Types have a statement of their own, `import type {}`: it loads nothing.",
  },
];

/** The compiler looks for what a construct did not ask for in what is named, and never in what a spread brings. */
const spread = (within, argument) => ({
  selector: `${within} > ObjectExpression > SpreadElement > ${argument}.argument`,
  message: "A construct gets what it declares: name each value, or hand a whole section over as one.",
});

const transaction = {
  selector: ":function > Identifier[name!='tx'] > TSTypeAnnotation > TSTypeReference > Identifier[name='PoolClient']",
  message: "A transaction of the database is called `tx`.",
};

export default tseslint.config(
  { ignores: ["node_modules", "cdktf.out", ".local", ".cache", "**/dist", "coverage", "**/golden/**"] },
  eslint.configs.recommended,
  {
    files: ["**/*.{ts,mts}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./app/tsconfig.json", "./app/web/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-restricted-imports": ["error", { patterns: [wholeProvider] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "no-restricted-syntax": ["error", ...dialect],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    // A construct registers itself in its scope: `new` for its effect is how the library is used.
    files: ["main.ts", "stacks/**/*.ts", "constructs/**/*.ts", "test/**/*.ts"],
    rules: { "no-new": "off", "@typescript-eslint/no-extraneous-class": "off" },
  },
  architecture,
  {
    files: ["app/services/**/*.ts", "app/database/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...dialect, transaction] },
  },
  {
    // An embedded server is on the same machine.
    files: ["app/**/*.ts"],
    ignores: ["app/packages/kit/database/{client,pool}.ts", "app/packages/embedded/**"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [bareConnections] }] },
  },
  {
    // Anywhere in a stack: a spread that stands in a variable first reaches a construct all the same.
    files: ["stacks/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...dialect, spread("*", ":not(ConditionalExpression)")] },
  },
  {
    files: ["constructs/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...dialect,
        spread("NewExpression", ":matches(Identifier[name=/^(props|config|settings|environment)$/], MemberExpression)"),
      ],
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs", "**/*.js"],
    languageOptions: {
      globals: {
        __dirname: "readonly",
        process: "readonly",
        console: "readonly",
        module: "readonly",
        require: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
      },
    },
  },
);
