BEGIN { x = $uid; }
