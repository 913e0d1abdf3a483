enum e { A = "text" };
