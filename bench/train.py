"""Times PyTorch's eager training step of one of the peers' cases: train.py FOLDER LABEL THREADS SECONDS. Prints milliseconds."""
import sys

sys.path.insert(0, sys.argv[1])
import peers
import torch

torch.manual_seed(0)
torch.set_num_threads(int(sys.argv[3]))
for label, model, batch, loss, optimizer in peers.train_cases():
    if label == sys.argv[2]:
        model.train()
        opt = optimizer(model.parameters())

        def step():
            opt.zero_grad()
            loss(model, *batch).backward()
            opt.step()

        print(peers.timed(step, float(sys.argv[4]))["ms"])
        break
else:
    sys.exit("there is no case " + sys.argv[2])
