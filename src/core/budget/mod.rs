#![allow(missing_docs, clippy::all)]
use super::time::*;
#[derive(Clone,Copy,Debug,PartialEq,Eq)] pub struct Ticket(u32);
#[derive(Clone,Copy,Debug)] pub struct AppKey(#[allow(dead_code)] u64);
impl AppKey { pub fn new(x:u64)->Self{Self(x)} }
#[derive(Clone,Copy,Debug)] pub enum Request { Foreground, Poll { due: Instant, age: Millis, app: AppKey } }
#[derive(Debug)] pub struct RateHead { pub remaining: Option<u32>, pub reset_in: Option<Millis> }
#[derive(Debug)] pub struct Budget { q: Vec<(Ticket,Instant)>, n:u32 }
impl Budget { pub fn new(_: Option<u32>)->Self{Budget{q:vec![],n:0}} 
 pub fn enqueue(&mut self,now:Instant,r:Request)->Ticket{self.n=self.n.wrapping_add(1);self.q.push((Ticket(self.n), match r {Request::Poll{due,..}=>due,_=>now}));Ticket(self.n)}
 pub fn cancel(&mut self,t:Ticket){self.q.retain(|(x,_)|*x!=t)}
 pub fn poll_grant(&mut self,now:Instant)->Option<Ticket>{let i=self.q.iter().position(|(_,d)|*d<=now)?;Some(self.q.remove(i).0)}
 pub fn poll_timeout(&mut self,_:Instant)->Instant{self.q.iter().map(|x|x.1).min().unwrap_or(Instant::NEVER)}
 pub fn replied(&mut self,_:Instant,_:Ticket,_:Option<RateHead>){}
 pub fn block(&mut self,_:Instant,_:Millis){}
 pub fn blocked_for(&self,_:Instant)->Millis{Millis::ZERO}
 pub fn learn(&mut self,_:AppKey,_:Millis){} }
