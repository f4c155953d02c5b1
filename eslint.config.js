import tseslint from "typescript-eslint";
import { LAYERS, ORT_FILE, PURE_LAYERS, TYPE_LAYERS, WEBVIEW_LAYERS } from "./scripts/layers.mjs";

const ORT = { name: "onnxruntime-node", message: `Only ${ORT_FILE} imports ONNX Runtime.` };
const VSCODE = { name: "vscode", message: "Only src/vscode imports vscode." };
const NODE = { regex: "^node:", message: "This layer runs in browsers too: no Node built-ins." };

/** The import rule of one layer of src/, from the table in scripts/layers.mjs. */
const layerImports = (layer, { ort = false } = {}) => {
  const free = [layer, ...LAYERS[layer]];
  const typed = TYPE_LAYERS[layer] ?? [];
  const others = Object.keys(LAYERS).filter((name) => !free.includes(name));
  const banned = others.filter((name) => !typed.includes(name));
  const patterns = [{ regex: "^(\\.\\./)+(webview|test|bench|scripts)/", message: "src/ stands on its own." }];
  const into = (names) => `^(\\.\\./)+(${names.join("|")})/`;
  if (banned.length > 0) patterns.push({ regex: into(banned), message: `${layer} may import ${free.join(", ")} only (scripts/layers.mjs).` });
  if (typed.length > 0) patterns.push({ regex: into(typed), allowTypeImports: true, message: `${layer} may take types only from here.` });
  if (layer === "vscode") patterns.push({ regex: "^(\\.\\./)+worker/(?!client)", message: "vscode may import worker/client only." });
  if (PURE_LAYERS.includes(layer)) patterns.push(NODE);
  const paths = [...(ort ? [] : [ORT]), ...(layer === "vscode" ? [] : [VSCODE])];
  return { "@typescript-eslint/no-restricted-imports": ["error", { paths, patterns }] };
};

const layers = Object.keys(LAYERS).map((layer) => ({ files: [`src/${layer}/**/*.ts`], rules: layerImports(layer) }));

const style = [
  { selector: "ExportDefaultDeclaration", message: "Named exports only." },
  { selector: "TSEnumDeclaration", message: "String unions, not enums." },
  { selector: "TSAsExpression > TSAsExpression[typeAnnotation.type='TSUnknownKeyword']", message: "No `as unknown as`: narrow with a check." },
];

const focus = [
  { selector: "MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo)$/]", message: "Every test runs." },
];

export default tseslint.config(
  { ignores: ["**/.*/", "dist/", "out/", "node_modules/", "test/harness/node_modules/", "test/results/", "**/*_pb.ts", "**/*.generated.ts", "src/linalg/kernels/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      // noUncheckedIndexedAccess makes every a[i] possibly undefined; inside loops over a buffer's own bounds `!` is the form that costs nothing.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/prefer-for-of": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/unified-signatures": "off",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
      "no-restricted-syntax": ["error", ...style],
      eqeqeq: "error",
    },
  },
  ...layers,
  { files: [ORT_FILE], rules: layerImports("runtime", { ort: true }) },
  {
    files: ["webview/**/*.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": ["error", {
        paths: [ORT, VSCODE],
        patterns: [NODE, { regex: `^(\\.\\./)+src/(?!${WEBVIEW_LAYERS.join("/|")}/)`, message: `Webviews may import ${WEBVIEW_LAYERS.join(" and ")} of src/ only.` }],
      }],
    },
  },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      // A describe block is one function; its length says nothing.
      "max-lines-per-function": "off",
      "no-restricted-syntax": ["error", ...style, ...focus],
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    rules: {
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
      eqeqeq: "error",
    },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-syntax": "off" } },
);
