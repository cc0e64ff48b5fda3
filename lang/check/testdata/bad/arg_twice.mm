model M() {
  graph g(x: [N, 4]) -> [N, 4] { leaky_relu(x, 0.1, slope: 0.2) } // want "slope is given twice"
}
