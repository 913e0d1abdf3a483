BEGIN { x = *(double *)arg0 * 2; }
