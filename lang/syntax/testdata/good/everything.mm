// Every statement and every form of expression at least once.
import "std/vision"
import "std/nlp"

const ln2 = 0.6931471805599453
const table: f32[16] = linspace(0, 1, 16)

// Reverses the gradient.
// Used by domain adaptation.
fn grad_reverse(x: [...], scale: float = 1.0) -> [...] { x } gradient(d) { -scale * d }

fn swish(x: [...], beta: float) -> [...] {
  x * sigmoid(beta * x)
} gradient(d) {
  s = sigmoid(beta * x)
  d * (s + beta * x * s * (1 - s))
}

// Plain momentum.
optimizer momentum(lr, rate: float = 0.9, nesterov: bool = false)(p, g) {
  state velocity: like p init 0
  update velocity = rate * velocity + g
  update p = p - lr * velocity
}

block Tail() (x: [..., D]) -> [..., D] { x }

block Recursive(depth: int, unit: block = Tail, widths: [int] = [1, 2], pairs: [[int]] = [[1, 2], [3, 4]], units: [block] = [])
  (x: [N, D], mask: bool[N] = none)
  -> (y: [N, D], count: i32)
  where D % 2 == 0, N <= 4096
{
  random noise: [N, D] = normal()
  cache seen: [N, D] init 0
  state steps: i64[] init 0
  if not training { return (x, 0) }
  y = x
  if depth == 0 {
    y = -y
  } else if depth > 3 and mask != none or widths[-1] >= 2 {
    y = y ** 2 + 2**-1
  } else {
    y = y |> inner: Recursive(depth - 1)
  }
  for w in widths { y = y + w }
  for i, w in widths { y = y |> layer{i}_a.{w + 1}.0: unit() }
  for a, b in widths, reverse(widths) { y = y * a / b % 7 }
  update seen[:, 0 : D / 2] = y[:, ::2]
  update seen[0, ..., new] = y[0, new, :-1]
  update steps = steps + 1
  (y + noise, 25_557_032)
}

model Net(width: int = 8) {
  freeze tower: Tower(width)
  body: Recursive(2, widths: [width, 2 * width])
  twin: Recursive(2) like body
  block.{0}: Tail()
  optimizer opt = momentum(lr: 1e-2) over body, twin
  alias twin.weight = body.inner.weight
  expect params(apply) == 1_024

  // Applies the net.
  graph apply(x: [N, 16], h: inout [N, 16], t: dim = 3, flag: bool = true, name: string = "a \"b\"") -> [N, 16] {
    in bf16 { tower(x) } |> relu |> extra: Tail() like body.inner
    y = in eval { block.{0}(x) }
    z = scan reverse a, b in x, y with s = 0, c = y[0] length t checkpoint 4 {
      s = s + a @ b
      yield s, c
    }
    w = loop i in 0..t with k = x {
      k = k - i
      yield k
    } until all(k < 0)
    scan a in x { update h = a }
    v = cond(flag) { x } else { y }
    u = if width != 8 { x } else if decoding { y } else { z.a.T }
    pair = (u, v); single = (u,); empty = []
    q = select(x > 0, x, -inf)[..., 0].T
    pair
  }

  graph sizes(x: [N, 16], n: dim) -> (rows: [?K <= n, 16], rest: f64[?R]) { (x, x) }

  train step(x: [N, 16], y: i32[N]) {
    freeze tower, self.body
    l = cross_entropy(apply(x), y, axis: 1)
    minimize a = l over body using opt, b = 2 * l over twin, tower.head using sgd(lr: 0.1),
      over params(rank < 2) using opt
      clip norm(1.0) accumulate 4
      except body.inner, twin when epoch < 1
    report l, twice = 2 * l
  }
}

model Wide = Net(width: 64)
model Wider = Net(width: 128) {
  expect params(apply) == 4_096
}
