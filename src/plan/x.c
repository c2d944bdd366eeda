extern int plan_nothing; int plan_nothing;
