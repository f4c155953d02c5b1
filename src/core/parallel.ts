/** From how large a square of the cosine on two vectors count as parallel: with room for products in float32. */
const PARALLEL = 1 - 1e-7;

/** Whether vectors with the squared product (x·y)² and the product ‖x‖²·‖y‖² > 0 of their squared norms are parallel, to float32. */
export const isParallel = (squaredProduct: number, squaredNorms: number): boolean => squaredProduct > PARALLEL * squaredNorms;
