export { chase, chaseBack } from "./chase";
export { product, productScratch } from "./product";
export { factorisePanel } from "./reflector";
export { rotateRows, sweepDown, sweepUp } from "./rotations";
export { symmetricScratch, symmetricTimesBlock } from "./symmetric-product";
export { symmetricProduct } from "./symmetric-vector";
export { axpy, dot, largest, scale } from "./vector";
