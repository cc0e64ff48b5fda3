model M(deep: bool = false) {
  graph g(x: [N, 4]) -> [N, 4] {
    if deep { y = x * 2 }
    y // want "y has no value here: it is bound only in an arm that is not taken"
  }
}
