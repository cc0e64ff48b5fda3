model M() {
  graph a(x: [N, 4]) -> [N, 3] { x } // want "4 is not 3"
  graph b(x: [N, 4]) -> [N, 4] { x @ x } // want "the contracted axes differ: 4 and N"
  graph c(x: [N, 4]) -> [N, 4] { x[:, 9] } // want "index 9"
  graph d(x: [N, 4]) -> [N, 4] { foo(x) } // want "foo is not known"
  train e(x: [N, 4]) { minimize loss = x using sgd(lr: 0.1) } // want "a loss is a float scalar"
  train f(x: [N, 4]) { minimize loss = mean(x) using sdg(lr: 0.1) } // want "sdg is not known"
  expect params(a) == 3 // want "expected params\(a\) == 3, but params\(a\) is 0"
}
