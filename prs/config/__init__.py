"""The top of the stack: settings, addresses, processes and the wiring of the business."""
