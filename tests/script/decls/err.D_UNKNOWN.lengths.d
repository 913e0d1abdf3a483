long short both;
