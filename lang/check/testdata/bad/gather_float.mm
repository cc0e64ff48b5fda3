model M() {
  graph g(x: [N, 4], i: [M1]) -> [M1, 4] { gather(x, i) } // want "ids must be an integer tensor, not f32"
}
