@echo off
netsh advfirewall set allprofiles state on
netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound
netsh advfirewall firewall delete rule name=all
netsh advfirewall firewall add rule name="CA" dir=in action=allow protocol=TCP localport=RPC remoteip=10.2.0.0/16 program="%SystemRoot%\System32\certsrv.exe" service=CertSvc
netsh advfirewall firewall add rule name="Mapper" dir=in action=allow protocol=TCP localport=RPC-EPMap remoteip=10.2.0.0/16 program="%SystemRoot%\System32\svchost.exe" service=RpcSs
