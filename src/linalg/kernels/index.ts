export { addProduct, transposedProduct } from "./matrix-vector";
export { reducePanel } from "./panel";
export { product, productScratch } from "./product";
export { rotateRows, sweepDown, sweepUp } from "./rotations";
export { symmetricProduct } from "./symmetric-vector";
export { axpy, dot, largest, scale } from "./vector";
