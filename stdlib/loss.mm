// Losses. reduce joins the elements' losses: mean, sum, or none for the losses themselves.

fn reduced(x: any, reduce: any) { if reduce == none { x } else { reduce(x) } }

// Cross entropy of logits and integer labels, which have the logits' shape without the axis of classes.
fn cross_entropy(logits: [...], labels: any, axis: int, reduce: any = mean) {
  reduced(-take(log_softmax(logits, axis: axis), labels, axis: axis), reduce)
}

// Binary cross entropy of probabilities; logarithms are cut off at -100.
fn bce(p: [...], target: [...], reduce: any = mean) {
  reduced(-(target * max(log(p), -100) + (1 - target) * max(log(1 - p), -100)), reduce)
}

// Binary cross entropy of logits.
fn bce_logits(x: [...], target: [...], reduce: any = mean) { reduced((1 - target) * x + softplus(-x), reduce) }

fn mse(a: [...], b: [...], reduce: any = mean) { reduced((a - b)**2, reduce) }
fn l1(a: [...], b: [...], reduce: any = mean) { reduced(abs(a - b), reduce) }
