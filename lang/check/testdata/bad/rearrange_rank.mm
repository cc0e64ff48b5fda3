model M() {
  graph g(x: [N, 4]) -> [N, 4] { rearrange(x, "a b c -> a (b c)") } // want "the pattern has 3 axes, and the tensor is \[N, 4\]"
}
