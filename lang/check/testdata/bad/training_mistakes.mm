block Net()(x: [N, 4]) -> [N, 1] { x |> fc: Linear(1) }
model M() {
  D: Net(); G: Net()
  optimizer o = sgd(lr: "fast") over D // want "lr of sgd must be a float, not \"fast\""
  train a(x: [N, 4]) {
    minimize l1 = mean(D(x)) using o
    minimize l2 = D(x) using sgd(lr: 0.1) // want "a loss is a float scalar"
    update E = x // want "E is not known here"
    update D = x // want "must be"
    freeze x // want "freeze takes instances and params"
    report mean(x) // want "a reported value needs a name"
  }
}
