model M(classes: int = 10) {
  graph g(image: [N, 1, 28, 28]) -> [N, classes] {
    x = image |> conv1: Conv2d(6, 5) |> rellu // want "rellu is not known here"
    y = image |> conv2: Conv2d(6, 5, padding: 2) // want "Conv2d has no parameter padding"
    z = image + image[:, :, 1:] // want "28 is not 27"
    w = rearrange(image, "n c h -> n (c h)") // want "the pattern has 3 axes"
    v = image |> fc1: Linear("ten") // want "out of Linear must be an int"
    u = undefined_name + x // want "undefined_name is not known here"
    image |> mean(axes: [1, 2, 3]) // want "the result of g must be \[N, classes\], not \[N\]"
  }
}
