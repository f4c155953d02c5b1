/** The package's own installer, which begins when it is loaded. It keeps what it fetched. */
import "./keep-package.ts";
import "onnxruntime-node/script/install.js";
