// Contractions and elementwise operators that gorgonia.org/tensor has too.
model Peer() {
  graph matrix(a: [M, K], b: [K, N]) -> [M, N] { a @ b }
  graph turned(a: [M, K], b: [N, K]) -> [M, N] { a @ b.T }
  graph left(a: [K, M], b: [K, N]) -> [M, N] { einsum(a, b, "k m, k n -> m n") }
  graph vector(a: [M, K], b: [K]) -> [M] { einsum(a, b, "m k, k -> m") }
  graph planes(a: [M, K, L], b: [L, K, N]) -> [M, N] { einsum(a, b, "m k l, l k n -> m n") }
  graph middle(a: [M, K, N], b: [K, L]) -> [M, N, L] { einsum(a, b, "m k n, k l -> m n l") }
  graph whole(a: [M, N], b: [M, N]) -> [] { einsum(a, b, "m n, m n ->") }
  graph arithmetic(a: [M, N], b: [M, N]) -> (add: any, sub: any, mul: any, div: any, pow: any) { (a + b, a - b, a * b, a / b, a**b) }
}
