// @ts-check
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import globals from "globals";

const pages = ["api/traceledger_api/static/*.js", "api/traceledger_api/static/verifier/**/*.js"];
// The oldest browsers of docs/guide/buyer.md lack what came after ES2021, and lookbehind.
const floor = {
  ecmaVersion: 2021,
  refused: [
    { selector: "Literal[regex.pattern=/\\(\\?<[=!]/]", message: "Safari 15 has no lookbehind." },
    { selector: "CallExpression[callee.property.name='at'][arguments.length=1]", message: "Safari 15.0 has no `at`." },
  ],
};
// The modules of a page are joined to one scope, where a name of one would hide a global of another.
const given = { CATALOGUE: "readonly", LANGUAGES: "readonly" }; // which verifier.py writes before the page's script
const taken = Object.keys({ ...globals.browser, ...globals.es2021, ...given }).join("|");
const hidden = ["FunctionDeclaration", "ClassDeclaration", "VariableDeclaration > VariableDeclarator"]
  .flatMap((declaration) => ["Program", "Program > ExportNamedDeclaration"].map((top) => ({
    selector: `${top} > ${declaration}[id.name=/^(?:${taken})$/]`,
    message: "This is the name of a global.",
  })));

export default defineConfig(
  { ignores: ["**/vendor/", ".venv/", "demo/", "dist/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    rules: {
      // Parsers refuse control characters, so their patterns must name them.
      "no-control-regex": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],

      "array-callback-return": "error",
      "default-case-last": "error",
      "dot-notation": "error",
      eqeqeq: "error",
      "no-alert": "error",
      "no-array-constructor": "error",
      "no-caller": "error",
      "no-constructor-return": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-iterator": "error",
      "no-label-var": "error",
      "no-labels": "error",
      "no-lonely-if": "error",
      "no-loop-func": "error",
      "no-multi-str": "error",
      "no-new-func": "error",
      "no-new-wrappers": "error",
      "no-object-constructor": "error",
      "no-promise-executor-return": "error",
      "no-proto": "error",
      "no-return-assign": ["error", "always"],
      "no-script-url": "error",
      "no-self-compare": "error",
      "no-sequences": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-undef-init": "error",
      "no-unmodified-loop-condition": "error",
      "no-unneeded-ternary": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": "error",
      "no-useless-call": "error",
      "no-useless-computed-key": "error",
      "no-useless-concat": "error",
      "no-useless-constructor": "error",
      "no-useless-rename": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "operator-assignment": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "prefer-object-has-own": "error",
      "prefer-object-spread": "error",
      "prefer-promise-reject-errors": "error",
      "prefer-rest-params": "error",
      "prefer-spread": "error",
      "prefer-template": "off",
      radix: "error",
      "require-atomic-updates": "error",
      "require-await": "off",
      "symbol-description": "error",
      yoda: "error",
    },
  },
  {
    files: pages,
    languageOptions: { ecmaVersion: floor.ecmaVersion, globals: globals.browser },
    rules: {
      "no-restricted-globals": ["error", "structuredClone"],
      "no-restricted-syntax": ["error", ...floor.refused, ...hidden],
      "prefer-object-has-own": "off",
    },
  },
  { files: ["tests/engines/*.js"], languageOptions: { globals: globals["shared-node-browser"] } },
  { files: ["**/*.mjs", "eslint.config.js"], languageOptions: { globals: globals.node } },
  {
    files: ["api/traceledger_api/static/verify-page.js"],
    languageOptions: { globals: given },
  },
);
