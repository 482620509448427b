"""What a change of a spec means: for the model, its cost, its trained weights and its training.

Works on two resolved programs. `comparison` is the whole; `matching` finds which layer became
which, `arguments` and `weights` what that does to them, `files` to weights on disk, `training`
compares how they are trained, `reading` puts it into sentences, and `terminal`, `markdown` and
`data` write those down.
"""
