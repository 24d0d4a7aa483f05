// What a chart does when somebody looks closer.
