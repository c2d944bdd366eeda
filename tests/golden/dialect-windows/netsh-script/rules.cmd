@echo off
rem what most administrators have
:: a comment
netsh advfirewall set allprofiles state on
netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound
netsh advfirewall firewall add rule name="SQL Server" dir=in action=allow protocol=TCP localport=1433,5022 remoteip=10.0.0.0/24,10.1.0.5-10.1.0.9 profile=domain
netsh advfirewall firewall add rule name="Ping" dir=in action=allow protocol=icmpv4:8,any
netsh advfirewall firewall add rule name="No telnet" dir=in action=block protocol=tcp localport=23 enable=yes
netsh advfirewall firewall add rule name="Off" dir=in action=allow protocol=udp localport=161 enable=no
netsh advfirewall firewall add rule name="Program" dir=in action=allow program="C:\Program Files\x.exe" protocol=tcp localport=8080
netsh int ipv4 set dynamicport tcp start=50000 num=1000
