// Colours are for people: whatever terminal or CI runs the tests, the programs under test say their words plainly.
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = "1";
