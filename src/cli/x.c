extern int cli_nothing; int cli_nothing;
