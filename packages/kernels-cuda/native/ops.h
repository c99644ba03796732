// The vector kernels' C surface: one declaration an operation. They never exit or throw; the
// caller has checked that all arrays of a call hold `count` elements.
#pragma once

#include <cstddef>

extern "C" {

// g <- g * clamp(1 + lambda g (next - previous), 0, 2) for each consecutive pair of versions,
// oldest first (Ferret, arXiv 2503.12053, Eq. 8-9). One pass over memory.
void ferret_iterative_fisher(float* gradient, const float* const* versions, size_t version_count,
                             float lambda, size_t count);

// destination = source - learning_rate * g with g the gradient as ferret_iterative_fisher repairs
// it, which itself stays as it is; one pass over memory. destination may be any of the others.
void ferret_iterative_fisher_sgd(float* destination, const float* source, const float* gradient,
                                 const float* const* versions, size_t version_count, float lambda,
                                 float learning_rate, size_t count);

// One pass over the state of Eq. 10-12:
//   d = (1 - decay) (g - v_r);  v_a = decay v_a + (1 - decay) g g (newest - previous);
//   v_r = decay v_r + (1 - decay) g
// sums[0] = <v_a, d>, sums[1] = <v_a, v_a>, in double precision.
void ferret_iterative_fisher_statistics(const float* gradient, const float* newest,
                                        const float* previous, float* residual_average,
                                        float* fisher_average, float decay, double* sums,
                                        size_t count);

// destination = source - learning_rate * gradient; destination may be source.
void ferret_sgd(float* destination, const float* source, const float* gradient,
                float learning_rate, size_t count);

// The element-by-element methods, with d = newest - origin the change since the weights that the
// gradient g was computed with. Where step is 0, destination gets the repaired gradient; else
// newest - step * repaired, in the same pass. destination may be any other array but mean_square.

// g / max(1 - lambda g d, 1/2)
void ferret_closed_form_fisher(float* destination, const float* gradient, const float* newest,
                               const float* origin, float lambda, float step, size_t count);

// mean_square = decay mean_square + (1 - decay) g g, then
// g clamp(1 + lambda / sqrt(mean_square + 1e-7) g d, 0, 2)
void ferret_adaptive_fisher(float* destination, const float* gradient, const float* newest,
                            const float* origin, float* mean_square, float decay, float lambda,
                            float step, size_t count);

// The same average, then g / (1 + |d| / (scale sqrt(mean_square) + floor))
void ferret_gap_aware(float* destination, const float* gradient, const float* newest,
                      const float* origin, float* mean_square, float decay, float scale,
                      float floor, float step, size_t count);

// The same average, then g / (1 + strength mean_square)
void ferret_fisher_cap(float* destination, const float* gradient, const float* newest,
                       float* mean_square, float decay, float strength, float step, size_t count);

// scale (g + damping d)
void ferret_damp(float* destination, const float* gradient, const float* newest,
                 const float* origin, float damping, float scale, float step, size_t count);

// With s = origin - kept_origin: sums[0] = <s, g - kept_gradient>, sums[1] = <s, s>, in double
// precision; then kept_gradient = g and kept_origin = origin.
void ferret_secant(const float* gradient, const float* origin, float* kept_gradient,
                   float* kept_origin, double* sums, size_t count);

// <g, g> in double precision.
double ferret_squared_norm(const float* gradient, size_t count);

// sums[0] = <g, d>, sums[1] = <d, d>, in double precision.
void ferret_change_products(const float* gradient, const float* newest, const float* origin,
                            double* sums, size_t count);

// For a row-major matrix, sums in double precision:
// projection[c] = sum over r of direction[r] * matrix[r, c]
void ferret_project_rows(const float* matrix, const double* direction, double* projection,
                         size_t rows, size_t columns);
// direction[r] = sum over c of matrix[r, c] * projection[c]
void ferret_project_columns(const float* matrix, const double* projection, double* direction,
                            size_t rows, size_t columns);
// matrix[r, c] += direction[r] * projection[c]
void ferret_add_outer(float* matrix, const double* direction, const double* projection,
                      size_t rows, size_t columns);

// accumulator += gradient
void ferret_add(float* accumulator, const float* gradient, size_t count);
}
