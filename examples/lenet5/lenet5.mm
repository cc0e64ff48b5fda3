// LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998) in today's usual form: tanh, average pooling, a linear last layer.
model LeNet5(classes: int = 10) {
  // The scores of grey digits, pixels normalised to mean 0 and deviation 1.
  graph classify(image: [N, 1, 28, 28]) -> [N, classes] {
    x = image
      |> conv1: Conv2d(6, 5, pad: 2) |> tanh |> avg_pool2d(2)
      |> conv2: Conv2d(16, 5) |> tanh |> avg_pool2d(2)
      |> rearrange("n c h w -> n (c h w)")
    x |> fc1: Linear(120) |> tanh |> fc2: Linear(84) |> tanh |> fc3: Linear(classes)
  }

  // One step of Adam on the cross entropy.
  train step(images: [N, 1, 28, 28], labels: i32[N]) {
    minimize loss = cross_entropy(classify(images), labels, axis: 1) using adam(lr: 1e-3)
  }
  expect params(classify) == 61_706
}
