extern int enrol_ph;
int enrol_ph;
