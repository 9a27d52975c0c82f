"""PRS: the Payment Receiving System."""
