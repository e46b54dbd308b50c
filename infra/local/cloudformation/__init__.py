"""CloudFormation: moto's, which makes what a stack holds in the name of whoever asks for it, or of the stack's role."""
