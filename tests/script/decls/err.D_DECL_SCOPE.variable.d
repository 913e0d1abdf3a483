int D`x;
