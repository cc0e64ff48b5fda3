// Small graphs, one or more for each kind of kernel. N is the axis that vectors lie along, or one beside it; K is another, shorter one.
model Edges() {
  // ---- Elementwise: runs, broadcast rows and columns, elements that lie apart, integers, bools, positions
  graph map_chain(x: [N], y: [N]) -> [N] { tanh(x) * exp(y) + x }
  graph map_functions(x: [N]) -> (a: [N], b: [N], c: [N]) { (log(x**2 + 1) + sigmoid(x), erfc(x) * cos(x), rsqrt(x**2 + 1) - sin(x)) }
  graph map_row(x: [K, N], y: [N]) -> [K, N] { x * y + 1 }
  graph map_column(x: [K, N], y: [K]) -> [K, N] { x - y[:, new] }
  graph map_apart(x: [K, N, 3]) -> [K, N] { abs(x[:, :, 1]) + x[:, :, 2] }
  graph map_stride(x: [K, 2 * N]) -> [K, N] { 2 * x[:, 0 : 2 * N : 2] }
  graph map_integers(i: i32[N], x: [N]) -> (a: i32[N], b: bool[N]) { (i * 3 - i32(x), f32(i) > x) }
  graph map_bools(x: [K, N], y: [K, N]) -> (a: [K, N], b: bool[K, N]) { b = x > y; (select(b, x, y * 2), not (b)) }
  graph map_positions(x: [K, N]) -> [K, N] { x + f32(iota(N)) * f32(iota(K))[:, new] }

  // ---- Reductions: along vectors and across them, in the middle, of everything, with positions
  graph sum_rows(x: [K, N]) -> [K] { sum(x**2, axes: [1]) }
  graph sum_columns(x: [K, N]) -> [N] { sum(x, axes: [0]) }
  graph sum_middle(x: [K, N, 3]) -> [K, 3] { sum(x, axes: [1]) }
  graph sum_ends(x: [K, 3, N]) -> [3] { sum(x, axes: [0, 2]) }
  graph sum_all(x: [K, N]) -> [] { sum(x) }
  graph amax_rows(x: [K, N]) -> [K] { amax(x, axes: [1]) }
  graph amin_columns(x: [K, N]) -> [N] { amin(x, axes: [0]) }
  graph argmax_rows(x: [K, N]) -> i32[K] { argmax(x, axis: 1) }
  graph argmin_columns(x: [K, N]) -> i32[N] { argmin(x, axis: 0) }
  graph prod_rows(x: [K, N]) -> [K] { prod(1 + x / 64, axes: [1]) }
  graph any_rows(x: [K, N]) -> (a: bool[K], b: bool[K]) { (any(x > 1, axes: [1]), all(x > -1, axes: [1])) }
  graph softmax_rows(x: [K, N]) -> [K, N] { softmax(x) }
  graph softmax_columns(x: [N, K]) -> [N, K] { log_softmax(x, axis: 0) }
  graph normed(x: [K, N]) -> [K, N] { m, v = moments(x, axes: [1], keep: true); (x - m) * rsqrt(v + 1) }

  // ---- Windows, channels first and behind a convolution
  graph pool_max(x: [1, K, N, N]) -> any { max_pool2d(x, 3, stride: 2, pad: 1) }
  graph pool_sum(x: [1, K, N, N]) -> any { avg_pool2d(x, 3, stride: 1, pad: 1) }
  graph pool_rows(x: [1, K, 2, 2 * N]) -> any { max_pool2d(x, 2) }
  graph pool_argmax(x: [1, K, 4, N + 1]) -> (a: any, b: any) { y, i = max_pool2d_indices(x, 2, stride: 1); (y, i) }
  graph pool_behind(x: [1, 3, N, 5], w: [K, 3, 3, 3]) -> any { max_pool2d(conv(x, w, pad_low: [1, 1], pad_high: [1, 1]), 3, stride: 2, pad: 1) }

  // ---- Other orders of axes, and copies
  graph turn_two(x: [K, N]) -> [N, K] { x.T }
  graph turn_square(x: [N, N]) -> [N, N] { x.T }
  graph turn_three(x: [K, 3, N]) -> (a: [N, 3, K], b: [3, N, K]) { (rearrange(x, "a b c -> c b a"), rearrange(x, "a b c -> b c a")) }
  graph copy_concat(x: [K, N], y: [K, 3]) -> [K, N + 3] { concat(x, y, x, axis: 1)[:, N : 2 * N + 3] }
  graph copy_rows(x: [N, K], y: [3, K]) -> [N + 3, K] { concat(y, x, axis: 0) }
  graph copy_pad(x: [K, N]) -> [K + 1, N + 3] { pad(x, low: [1, 2], high: [0, 1], value: 0.5) }
  graph copy_slice(x: [K + 1, N + 5]) -> [K, N] { x[1:, 3 : N + 3] }
  graph copy_reverse(x: [K, N]) -> [K, N] { reverse(x, axes: [1]) }
  graph copy_repeat(x: [1, 1, K, N]) -> any { upsample_nearest(x, 2) }
  graph copy_shuffle(x: [1, 4, K, N]) -> any { rearrange(x, "n (c p q) h w -> n c (h p) (w q)", p: 2, q: 2) }

  // ---- Places that data decide
  graph gather_rows(x: [5, N], i: i32[K]) -> [K, N] { gather(x, i) }
  graph gather_many(x: [5], i: i32[N]) -> [N] { gather(x, i) }
  graph scatter_rows(i: i32[K], x: [K, N]) -> any { scatter_add(i, x, size: 5) }
  graph take_rows(x: [N, 5], i: i32[N]) -> [N] { take(x, i, axis: 1) }
  graph put_rows(i: i32[N], x: [N]) -> any { put(i, x, axis: 1, size: 5) }

  // ---- Products and convolutions
  graph product(x: [K, N], y: [N, K]) -> [K, K] { x @ y }
  graph product_wide(x: [N, K], y: [K, N], b: [N]) -> [N, N] { max(x @ y + b, 0) }
  graph product_turned(x: [N, K], y: [N, K]) -> [N, N] { x @ y.T }
  graph product_vector(x: [K, N], y: [N]) -> [K] { einsum(x, y, "k n, n -> k") }
  graph product_batch(x: [K, N, 3], y: [K, 3, N]) -> [K, N, N] { x @ y }
  graph convolved(x: [1, 3, 2, N], w: [N, 3, 3, 3]) -> any { max(conv(x, w, pad_low: [1, 1], pad_high: [1, 1]), 0) }
  graph convolved_groups(x: [1, 4, K, N], w: [4, 1, 3, 3]) -> any { conv(x, w, pad_low: [1, 1], pad_high: [1, 1], groups: 4) }
  graph convolved_stride(x: [K, 2, 5, N], w: [4, 2, 2, 1]) -> any { tanh(conv(x, w, stride: [2, 2])) }

  // ---- Gradients
  graph grad_product(x: [K, N], w: [N, 3]) -> (a: [K, N], b: [N, 3]) { grad(sum((x @ w)**2), x, w) }
  graph grad_conv(x: [1, 2, 4, N], w: [K, 2, 3, 3]) -> (a: any, b: any) { grad(sum(conv(x, w, pad_low: [1, 1], pad_high: [1, 1])**2), x, w) }
  graph grad_pool(x: [1, 2, 4, N]) -> any { grad(sum(max_pool2d(x, 3, stride: 2, pad: 1)**2), x) }
  graph grad_mean(x: [1, 2, 4, N]) -> any { grad(sum(avg_pool2d(x, 2, stride: 1)**2), x) }
  graph grad_softmax(x: [N, 5], i: i32[N]) -> [N, 5] { grad(cross_entropy(x, i, axis: 1), x) }
}
