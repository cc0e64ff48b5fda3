// Expressions, shapes, notation.
fn positional(x: [..., 3], L: int) -> [..., 3 + 6 * L] {
  f = [x]
  for k in 0..L { f = f + [sin(2**k * x), cos(2**k * x)] }
  concat(f, axis: -1)
}

block Recursive(depth: int)(x: [N, D]) -> [N, D] {
  if depth == 0 { return x }
  x |> fc: Linear(D) |> inner: Recursive(depth - 1)
}

model Shapes() {
  graph heads(x: [B, T, D]) -> [B, 4, T, D / 4] where D % 4 == 0 { rearrange(x, "b t (h d) -> b h t d", h: 4) }
  graph scores(q: [B, T, D], k: [B, S, D]) -> [B, T, S] { q @ rearrange(k, "b s d -> b d s") / sqrt(D) }
  graph contraction(a: [B, I, K], b: [B, J, K], c: [K]) -> [I, J] { einsum(a, b, c, "b i k, b j k, k -> i j") }
  graph outer(v: [N], w: [M]) -> [N, M] { v[:, new] * w }
  graph last(x: [B, T, D]) -> [B, D] { x[:, -1] }
  graph every(x: [T, D]) -> [ceil(T / 2), D] { x[::2] }
  graph crop(x: [N, C, H, W]) -> [N, C, H - 2, W - 2] where H >= 3, W >= 3 { x[..., 1:-1, 1:-1] }
  graph encode(x: [R, 3]) -> [R, 27] { positional(x, 4) }
  graph recursive(x: [N, 6]) -> [N, 6] { x |> r: Recursive(3) }
  graph masks(x: [N, D]) -> [N, D] { select(x > 0, x, -inf) * (x < 1) + (1 - x) * f32(x == 0) }
  graph numbers(ids: i32[N]) -> i32[N] { (ids + 1) % 7 * 2 - ids / 3 }
  graph halves(x: [N, D]) -> (a: [N, D / 2], b: [N, D / 2]) where D % 2 == 0 { a, b = split(x, 2, axis: 1); (a, b) }
  graph double(x: [N]) -> [N] { in f64 { x * x + 1 } }
  graph pick(x: [N, D], i: i32) -> [D] { x[i] }
  graph slope(x: [N]) -> [N] { grad(sum(x**3), x) }
  graph mixed(x: [N, D], scale: float = 2.0) -> [N, D] { scale * x }
  expect params(recursive) == 3 * 42
}
