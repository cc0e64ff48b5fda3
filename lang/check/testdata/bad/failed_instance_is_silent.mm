model M() {
  G: Generator() // want "Generator is not known here"
  graph g(x: [N, 4]) -> [N, 4] {
    y = x |> h: Hidden(3) // want "Hidden is not known here"
    z = h(x) + h.weight
    G(x) + y + G.fc.weight
  }
  train t(x: [N, 4]) {
    minimize loss = mean(G(x)) over G using sgd(lr: 0.1)
    update G = clamp(G, -1, 1)
  }
}
