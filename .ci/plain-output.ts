// Colours are for people: the programs under test print plain text in every terminal and CI.
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = "1";
