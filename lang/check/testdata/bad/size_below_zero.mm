model M {
  graph f(x: [N]) -> [] where N <= 3 {
    sum(broadcast(sum(x), shape: [N - 4])) // want "the size N - 4 is always below zero"
  }
  graph g(x: [N]) -> [] {
    sum(x[5:]) // want "the size N - 5 of a piece of axis 0 of \[N\] may be below zero"
  }
  graph h(x: [-N]) -> [] { sum(x) } // want "the size -N is always below zero"
}
