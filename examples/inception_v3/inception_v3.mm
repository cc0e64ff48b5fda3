// Inception v3 (Szegedy et al., 2015: "Rethinking the Inception Architecture"). The labels are torchvision's; the auxiliary
// classifier, which served training alone, is left out.
import "std/vision"

// Average pooling that keeps the size; what it meets in the padding counts as zeros.
fn smooth(x: [N, C, H, W]) -> [N, C, H, W] { avg_pool2d(x, 3, stride: 1, pad: 1) }

// 35x35: a 5x5 convolution and two 3x3 ones beside each other.
block InceptionA(pooled: int)(x: [N, C, H, W]) {
  a = x |> branch1x1: ConvBN(64, 1)
  b = x |> branch5x5_1: ConvBN(48, 1) |> branch5x5_2: ConvBN(64, 5, pad: 2)
  c = x |> branch3x3dbl_1: ConvBN(64, 1) |> branch3x3dbl_2: ConvBN(96, 3, pad: 1) |> branch3x3dbl_3: ConvBN(96, 3, pad: 1)
  d = smooth(x) |> branch_pool: ConvBN(pooled, 1)
  concat(a, b, c, d, axis: 1)
}

// 35x35 to 17x17.
block InceptionB()(x: [N, C, H, W]) {
  a = x |> branch3x3: ConvBN(384, 3, stride: 2)
  b = x |> branch3x3dbl_1: ConvBN(64, 1) |> branch3x3dbl_2: ConvBN(96, 3, pad: 1) |> branch3x3dbl_3: ConvBN(96, 3, stride: 2)
  concat(a, b, max_pool2d(x, 3, stride: 2), axis: 1)
}

// 17x17: 7x7 convolutions, each factored into a row and a column.
block InceptionC(width: int)(x: [N, C, H, W]) {
  a = x |> branch1x1: ConvBN(192, 1)
  b = x
    |> branch7x7_1: ConvBN(width, 1)
    |> branch7x7_2: ConvBN(width, [1, 7], pad: [0, 3])
    |> branch7x7_3: ConvBN(192, [7, 1], pad: [3, 0])
  c = x
    |> branch7x7dbl_1: ConvBN(width, 1)
    |> branch7x7dbl_2: ConvBN(width, [7, 1], pad: [3, 0])
    |> branch7x7dbl_3: ConvBN(width, [1, 7], pad: [0, 3])
    |> branch7x7dbl_4: ConvBN(width, [7, 1], pad: [3, 0])
    |> branch7x7dbl_5: ConvBN(192, [1, 7], pad: [0, 3])
  d = smooth(x) |> branch_pool: ConvBN(192, 1)
  concat(a, b, c, d, axis: 1)
}

// 17x17 to 8x8.
block InceptionD()(x: [N, C, H, W]) {
  a = x |> branch3x3_1: ConvBN(192, 1) |> branch3x3_2: ConvBN(320, 3, stride: 2)
  b = x
    |> branch7x7x3_1: ConvBN(192, 1)
    |> branch7x7x3_2: ConvBN(192, [1, 7], pad: [0, 3])
    |> branch7x7x3_3: ConvBN(192, [7, 1], pad: [3, 0])
    |> branch7x7x3_4: ConvBN(192, 3, stride: 2)
  concat(a, b, max_pool2d(x, 3, stride: 2), axis: 1)
}

// 8x8: the row and the column stand side by side.
block InceptionE()(x: [N, C, H, W]) {
  a = x |> branch1x1: ConvBN(320, 1)
  b = x |> branch3x3_1: ConvBN(384, 1)
  c = x |> branch3x3dbl_1: ConvBN(448, 1) |> branch3x3dbl_2: ConvBN(384, 3, pad: 1)
  concat(
    a,
    b |> branch3x3_2a: ConvBN(384, [1, 3], pad: [0, 1]),
    b |> branch3x3_2b: ConvBN(384, [3, 1], pad: [1, 0]),
    c |> branch3x3dbl_3a: ConvBN(384, [1, 3], pad: [0, 1]),
    c |> branch3x3dbl_3b: ConvBN(384, [3, 1], pad: [1, 0]),
    smooth(x) |> branch_pool: ConvBN(192, 1),
    axis: 1,
  )
}

model InceptionV3(classes: int = 1000, dropout: float = 0.5) {
  // The scores of the classes, for pixels normalised as ImageNet's, at 299x299 or any other size.
  graph classify(image: [N, 3, H, W]) -> [N, classes] where H >= 75, W >= 75 {
    x = image
      |> Conv2d_1a_3x3: ConvBN(32, 3, stride: 2)
      |> Conv2d_2a_3x3: ConvBN(32, 3)
      |> Conv2d_2b_3x3: ConvBN(64, 3, pad: 1)
      |> max_pool2d(3, stride: 2)
      |> Conv2d_3b_1x1: ConvBN(80, 1)
      |> Conv2d_4a_3x3: ConvBN(192, 3)
      |> max_pool2d(3, stride: 2)
      |> Mixed_5b: InceptionA(32)
      |> Mixed_5c: InceptionA(64)
      |> Mixed_5d: InceptionA(64)
      |> Mixed_6a: InceptionB()
      |> Mixed_6b: InceptionC(128)
      |> Mixed_6c: InceptionC(160)
      |> Mixed_6d: InceptionC(160)
      |> Mixed_6e: InceptionC(192)
      |> Mixed_7a: InceptionD()
      |> Mixed_7b: InceptionE()
      |> Mixed_7c: InceptionE()
    x |> mean(axes: [2, 3]) |> dropout: Dropout(dropout) |> fc: Linear(classes)
  }
  expect params(classify) == 23_834_568
}
