pid$nosuch::main:entry { }
