model M() {
  graph g(x: [n, 4]) -> [n, 4] { x } // want "n is no hyperparameter; only a capitalised name introduces a dim"
}
