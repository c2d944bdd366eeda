netsh advfirewall firewall add rule name="no transport" dir=in action=allow localport=99
netsh advfirewall firewall add rule name="variable" dir=in action=allow protocol=tcp localport=%PORT%
netsh advfirewall firewall add rule dir=in action=allow
netsh advfirewall firewall add rule name="open dir=in action=allow
netsh advfirewall firewall add rule name=twice dir=in dir=out action=allow
netsh advfirewall firewall add rule name=word dir=in action=allow protocol=tcp lport=99
netsh advfirewall firewall add rule name=blank dir=in action=allow protocol= tcp
netsh advfirewall firewall add rule name=two dir=in action=allow & netsh advfirewall set allprofiles state off
netsh advfirewall firewall delete rule name=all
netsh advfirewall set allprofiles state maybe
netsh advfirewall set somewhere state on
if exist x goto end
