BEGIN { this->y += 1; }
