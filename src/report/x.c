extern int report_nothing; int report_nothing;
