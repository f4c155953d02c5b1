/**
 * The program that dist/gpu-installer.cjs is: onnxruntime-node's own installer with what it needs, in one file. It writes to
 * ../bin/napi-v6/PLATFORM/ARCH from where it lies; a copy of it in a staging folder therefore leaves the package itself untouched.
 */
import "./keep-package.ts";
import "onnxruntime-node/script/install.js";
