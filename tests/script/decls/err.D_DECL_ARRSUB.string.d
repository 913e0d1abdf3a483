int x["five"];
