import boundaries from "eslint-plugin-boundaries";
import { noCircle } from "./no-circle.mts";
import { rooms } from "./rooms.mts";

/** Imports that point as the table of rooms says, and no circle between files. */
export const architecture = {
  files: ["**/*.{ts,mts,mjs,cjs}"],
  plugins: { boundaries, architecture: { rules: { "no-circle": noCircle } } },
  settings: {
    "boundaries/files": Object.entries(rooms).map(([name, { files = `${name}/**` }]) => ({
      category: name,
      pattern: [files].flat(),
    })),
    "import/resolver": { node: { extensions: [".ts", ".mts", ".mjs"] } },
  },
  rules: {
    "boundaries/no-unknown-files": "error",
    "boundaries/dependencies": [
      "error",
      {
        default: "disallow",
        checkUnknownLocals: true,
        message: "{{from.file.categories}} may not import {{to.file.categories}}: tools/lint/rooms.mts",
        policies: [
          ...Object.entries(rooms).map(([name, { imports }]) => ({
            from: { file: { categories: name } },
            allow: { to: { file: { categories: { anyOf: [name, ...imports] } } } },
          })),
        ],
      },
    ],
    "architecture/no-circle": "error",
  },
};
